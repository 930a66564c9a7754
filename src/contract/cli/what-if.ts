import { changeEffect } from '../api/what-if.ts';

/** `causeway what-if --json`: the flows that change, all of them. */
export const whatIfAnswer = changeEffect;
