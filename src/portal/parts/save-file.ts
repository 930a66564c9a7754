/** saveFile hands text to the browser as a file. Browsers take out of the name what no file may be called. */
export function saveFile(
  name: string,
  text: string,
  type: 'application/x-openvpn-profile' | 'application/x-x509-ca-cert' | 'text/csv',
): void {
  const url = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
