/** The environment that the code of processes sees: that of the service without its secrets. */

/** Of Sluice and of the PostgreSQL client library; what else is set may be meant for the author's code. */
const WITHHELD = /^(?:DATABASE_URL|SLUICE_.*|PG[A-Z]+)$/i;

/** The environment for the operating system process of user code. Default: that of this process. */
export function userCodeEnvironment(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !WITHHELD.test(name)));
}
