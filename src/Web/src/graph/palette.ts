/** Line colours that stay apart from one another on both backgrounds; the shades differ by theme. */

const light = ['#1f77b4', '#d9722b', '#2f8f4e', '#b8336a', '#7a5bbf', '#8a6d1d', '#0f8b8d', '#c0392b', '#5b7083', '#a0489e', '#6b8e23', '#3a58c4'];
const dark = ['#5aa9e6', '#f0a35e', '#69c98a', '#ef7fae', '#b39ae8', '#d8bd5f', '#55c9cb', '#f08070', '#a3b5c4', '#dd8edb', '#b3cf6b', '#8ea6ff'];

export function seriesColor(index: number, scheme: 'light' | 'dark'): string {
  const palette = scheme === 'dark' ? dark : light;
  return palette[index % palette.length] ?? '#888888';
}
