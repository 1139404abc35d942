/**
 * Groups whose members stand in several tables. A run costs more to begin and to end than most suites take, so what shares no part, no
 * criterion and no effect shares a run: what is told to subscribers beside what is paid for, what agents do beside what a search finds.
 * What does influence one another stays apart: an answer made anew now and then hides that another is kept too long, and prompts that are
 * no longer compressed hide how often each is sent.
 */
export const ACROSS = {
  lostAndMiscounted: 'lost and miscounted',
  repeatedAndLate: 'repeated and late',
  broadcastAndEstimated: 'broadcast and estimated',
  misroutedAndDumped: 'misrouted and dumped',
  crosstalkAndHistory: 'crosstalk and history',
  askedTooOften: 'asked too often',
  neverDoneAndShort: 'never done and short',
  nothingDoneAndVectors: 'nothing done and vectors',
  checkedAndHandedOut: 'checked and handed out',
  keptAndSentAgain: 'kept and sent again',
  storesAway: 'stores away',
  migratingAndSearching: 'migrating and searching',
} as const;
