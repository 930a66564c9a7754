/** What Vite gives meaning to and TypeScript does not know. */
declare module '*.module.css' {
  const classes: Readonly<Record<string, string>>;
  // oxlint-disable-next-line import/no-default-export -- this is what a CSS module is
  export default classes;
}
declare module '*.css' {}
declare module '*.svg' {
  const url: string;
  // oxlint-disable-next-line import/no-default-export -- this is what an asset is
  export default url;
}
declare module 'virtual:theme.css' {}
