/** Deucalion's ark: a hull with one sail on water. */
export function Mark({ size = 24 }: { readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="3 4 26 23" fill="none" aria-hidden="true" strokeLinecap="round" strokeLinejoin="round" strokeWidth={2}>
      <path d="M16 5v9M16 6l6.5 7.5H16" stroke="currentColor" />
      <path d="M5.500 15.500h21c-.6 3.600-2.600 6-5.500 6.500H11c-2.900-.5-4.900-2.900-5.500-6.500z" fill="currentColor" />
      <path d="M3.500 25c2.100 0 2.100-1.600 4.200-1.600S9.800 25 11.900 25 14 23.400 16 23.400 18 25 20.100 25s2.100-1.600 4.200-1.600S26.400 25 28.500 25" stroke="var(--accent)" />
    </svg>
  );
}
