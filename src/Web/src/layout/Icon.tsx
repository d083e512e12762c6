const paths = {
  play: 'M7 4.500v15l12-7.500z',
  plus: 'M12 5v14M5 12h14',
  minus: 'M5 12h14',
  left: 'M15 6l-6 6 6 6',
  right: 'M9 6l6 6-6 6',
  close: 'M6 6l12 12M18 6L6 18',
  copy: 'M9 9h10v10H9zM15 9V5H5v10h4',
  list: 'M4 6h16M4 12h16M4 18h10',
  braces: 'M9 4c-3 0-3 2-3 4s0 4-2.500 4C6 12 6 14 6 16s0 4 3 4M15 4c3 0 3 2 3 4s0 4 2.500 4C18 12 18 14 18 16s0 4-3 4',
  sun: 'M12 8a4 4 0 100 8 4 4 0 000-8zM12 2.500v2M12 19.500v2M2.500 12h2M19.500 12h2M5.300 5.300l1.400 1.400M17.300 17.300l1.400 1.400M5.300 18.700l1.400-1.400M17.300 6.700l1.400-1.400',
  moon: 'M20 14.500A8.500 8.500 0 019.500 4a8.500 8.500 0 1010.500 10.500z',
  auto: 'M12 3.500a8.500 8.500 0 100 17 8.500 8.500 0 000-17zM12 3.500v17M12 8h6.500M12 12h8.500M12 16h6.500',
  graph: 'M4 4v16h16M7.500 15l4-5 3.500 3 4.500-6.500',
  table: 'M4 5h16v14H4zM4 10h16M4 14.500h16M10 10v9',
  calendar: 'M5 6h14v14H5zM5 10.500h14M9 3.500V7M15 3.500V7',
  search: 'M10.500 4a6.500 6.500 0 100 13 6.500 6.500 0 000-13zM20 20l-4.800-4.800',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill={name === 'play' ? 'currentColor' : 'none'} stroke="currentColor"
      strokeWidth={1.8} strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}
