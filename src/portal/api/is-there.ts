/** isThere says whether the controller answers at all, whatever it says. */
export async function isThere(): Promise<boolean> {
  try {
    await fetch('/api/causeway/v1/readyz', { cache: 'no-store' });
    return true;
  } catch {
    return false;
  }
}
