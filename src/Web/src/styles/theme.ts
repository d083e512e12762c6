import { createTheme, type MantineColorsTuple } from '@mantine/core';

const tide: MantineColorsTuple = [
  '#e9f6f9', '#d5ebf0', '#a9d6e0', '#79bfcf', '#53abc0', '#3b9fb7', '#217b93', '#1d7187', '#12596c', '#064252',
];

export const theme = createTheme({
  primaryColor: 'tide',
  primaryShade: { light: 7, dark: 6 },
  colors: {
    tide,
    // Quiet blue-grey instead of neutral black.
    dark: ['#d3dae1', '#b4bec8', '#919daa', '#66727f', '#3c4753', '#2b343d', '#1f272f', '#171d24', '#11161b', '#0c1014'],
  },
  fontFamily: 'Inter, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif',
  fontFamilyMonospace: 'ui-monospace, "JetBrains Mono", "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace',
  fontSizes: { xs: '0.72rem', sm: '0.8125rem', md: '0.875rem' },
  defaultRadius: 'sm',
  cursorType: 'pointer',
  components: {
    Tooltip: { defaultProps: { openDelay: 400, withArrow: true, fz: 'xs' } },
  },
});
