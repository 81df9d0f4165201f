/** What is said of an error code in the tables of codes. */
export interface ErrorRule {
  /** HTTP status of the answer when the error ends a request. */
  readonly status: number;
  readonly title: string;
  /** What the reader can do about it. */
  readonly advice: string;
  /** Whether the same request may succeed later without being changed. */
  readonly isRetryable?: true;
  /** Clients hear the message although the status is over 499: it names what the reader has to act on. */
  readonly isSaid?: true;
  /** Every message of this code says itself what to do, so that the advice would say it twice. */
  readonly isAdvised?: true;
}
