/** 0: no match; 1: a match somewhere; 2: given up because a budget was exceeded (E105). */
export type RegexOutcome = 0 | 1 | 2;
