import type { DevicePlatform } from '../../../contract/api/words.ts';

/** In the order in which they have to be asked: Android says Linux too, and an iPad says Macintosh. */
const signs: readonly (readonly [RegExp, DevicePlatform])[] = [
  [/Android/, 'android'],
  [/iPhone|iPad|iPod/, 'ios'],
  [/Windows/, 'windows'],
  [/Macintosh|Mac OS X/, 'macos'],
  [/Linux|X11/, 'linux'],
];

/** thisPlatform guesses from what a browser calls itself; it only chooses what a list shows first. */
export function thisPlatform(userAgent: string): DevicePlatform {
  return signs.find(([sign]) => sign.test(userAgent))?.[1] ?? 'other';
}
