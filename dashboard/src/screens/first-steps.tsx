import { startSample } from "../imports/start-sample.ts";

/** What a person can do who has no file at hand. */
export function FirstSteps() {
  return (
    <div class="row" style={{ gap: "8px 24px", justifyContent: "center", marginTop: "16px" }}>
      <button type="button" class="link" onClick={() => void startSample()}>
        Try with sample data
      </button>
      <a href="/export">Export a table</a>
      <a href="/processes">Write a process</a>
    </div>
  );
}
