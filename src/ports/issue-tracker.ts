/** Where action items are filed, so that they are worked on where all other work is. */
export interface IssueTracker {
  /**
   * Once for each `marker`: one that was filed before, and not noted because of a crash, is found again.
   * @throws Error with what the tracker said, never with the token
   */
  file(issue: { marker: string; title: string; body: string }): Promise<{ url: string; found: boolean }>
}
