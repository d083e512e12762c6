import { useMantineColorScheme, type MantineColorScheme } from '@mantine/core';
import type { IconName } from './Icon';
import { IconButton } from './IconButton';

const order: readonly MantineColorScheme[] = ['auto', 'light', 'dark'];
const icons: Readonly<Record<MantineColorScheme, IconName>> = { auto: 'auto', light: 'sun', dark: 'moon' };

export function ThemeToggle() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const next = order[(order.indexOf(colorScheme) + 1) % order.length] ?? 'auto';
  return <IconButton icon={icons[colorScheme]} label={`Theme: ${colorScheme}; switch to ${next}`} onClick={() => setColorScheme(next)} testId="theme-toggle" />;
}
