/** The outlines of the rail and the bar, drawn on 20 × 20 in one stroke width. */
const outlines = {
  overview: 'M3.5 6.5h4v4h-4zM12.5 3h4v4h-4zM12.5 13h4v4h-4zM7.5 8.5h2.5v-3.500h2.500M10 8.500v6.500h2.500',
  networks: 'M10 3v4M4.500 13v-3h11v3M10 7v3M7.500 3h5v4h-5zM2.500 13h4v4h-4zM13.500 13h4v4h-4z',
  hosts: 'M3.500 3.500h13v5h-13zM3.500 11.500h13v5h-13zM6.500 6v.100M6.500 14v.100',
  users:
    'M7.500 9.500a2.800 2.800 0 1 0 0-5.600a2.800 2.800 0 0 0 0 5.600zM2 16.500c.400-3.300 2.700-4.700 5.500-4.700s5.100 1.400 5.500 4.700M12.500 4.200a2.800 2.800 0 0 1 0 5.200M15 12.400c1.700.700 2.700 2.100 3 4.100',
  groups: 'M3 3.500h6v5h-6zM11 3.500h6v5h-6zM3 11.500h6v5h-6zM11 11.500h6v5h-6z',
  devices: 'M2.500 4.500h11v8h-11zM1.500 15.500h9M13 8h5v8.500h-5zM15.500 14.500v.100',
  trace: 'M3 6h11M11 3l3 3l-3 3M17 14h-11M9 11l-3 3l3 3',
  problems: 'M10 3.500l7.500 13h-15zM10 8.500v3.500M10 14.200v.100',
  activity: 'M2.500 10.500h3.500l2.500-6.500l3.500 12l2.500-5.500h3',
  internet:
    'M10 2.500a7.500 7.500 0 1 0 0 15a7.500 7.500 0 0 0 0-15M2.500 10h15M10 2.500c-4.500 4.500-4.500 10.500 0 15M10 2.500c4.500 4.500 4.500 10.500 0 15',
  learn:
    'M10 5.500c-2-1.300-4.500-1.500-7-1v11c2.500-.500 5-.300 7 1c2-1.300 4.500-1.500 7-1v-11c-2.500-.500-5-.300-7 1zM10 5.500v11',
  settings:
    'M3 6h7M14 6h3M3 14h3M10 14h7M12 4.200a1.800 1.800 0 1 0 0 3.600a1.800 1.800 0 0 0 0-3.600M8 12.200a1.800 1.800 0 1 0 0 3.600a1.800 1.800 0 0 0 0-3.600',
  account:
    'M10 10a3.200 3.200 0 1 0 0-6.400a3.200 3.200 0 0 0 0 6.400zM3.500 17c.500-3.600 3.200-5.200 6.500-5.200s6 1.600 6.500 5.200',
  search: 'M9 14.500a5.500 5.500 0 1 0 0-11a5.500 5.500 0 0 0 0 11zM13 13l4 4',
  menu: 'M3 5.500h14M3 10h14M3 14.500h14',
  narrower: 'M12 5l-5 5l5 5',
  wider: 'M8 5l5 5l-5 5',
  close: 'M5 5l10 10M15 5l-10 10',
  add: 'M10 4v12M4 10h12',
} as const;

export type IconName = keyof typeof outlines;

/** Icon is a drawing without meaning of its own: words stand beside it, or are the label of what it is in. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg
      viewBox="0 0 20 20"
      width="18"
      height="18"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.500"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={outlines[name]} />
    </svg>
  );
}
