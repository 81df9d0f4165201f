import { startSample } from "../imports/start-sample.ts";

/** What a person can do who has no file at hand. */
export function FirstSteps() {
  return (
    <div class="row" style={{ justifyContent: "center", marginTop: "16px" }}>
      <button type="button" class="link" onClick={startSample}>
        Try with sample data
      </button>
      <a href="/export">Export a table</a>
    </div>
  );
}
