/** Opening a page for the person at the terminal. */
import { spawn } from "node:child_process";
import { browserProgram } from "../../config/desktop-environment.ts";

/** Opens `address` in a browser where there is one. What comes of it is not waited for and not told: the address is shown too. */
export function openBrowser(address: string): void {
  const program = browserProgram();
  if (program === null) return;
  const opening = spawn(program, [address], { detached: true, stdio: "ignore" });
  opening.on("error", () => undefined);
  opening.unref();
}
