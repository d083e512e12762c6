import { createContext, useContext } from 'react';
import type { Clock } from '../time/timestamp';

export interface Settings {
  readonly tenant: string;
  readonly clock: Clock;
}

export const SettingsContext = createContext<Settings>({ tenant: '', clock: 'utc' });

export function useSettings(): Settings {
  return useContext(SettingsContext);
}
