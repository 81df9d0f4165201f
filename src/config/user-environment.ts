/** The environment that user code sees: that of the service without what gives access to Sluice or its database. */

/** Names that start like this are PostgreSQL's own: a client would connect by them. */
const SECRET = /^(?:DATABASE_URL|SLUICE_.*|PG[A-Z]+)$/;

/** The variables of `environment` that user code may see. It may need its own: keys and addresses of other services. */
export function userEnvironment(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Readonly<Record<string, string>> {
  const seen = Object.entries(environment).flatMap(([name, value]) =>
    value === undefined || SECRET.test(name.toUpperCase()) ? [] : [[name, value] as const],
  );
  return Object.fromEntries(seen);
}
