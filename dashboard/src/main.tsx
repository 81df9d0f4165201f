/** Starts the dashboard. */
import { render } from "preact";
import { openSession } from "./api/session.ts";
import { App, openSearch } from "./app.tsx";
import { startClock } from "./clock.ts";
import {
  hearActiveJobs,
  hearJob,
  hearProgress,
  hearTimeline,
  watchSilence,
  watchVisibility,
} from "./jobs/store.ts";
import { watchKeys } from "./keys.ts";
import { followService } from "./live/follow.ts";
import { noteReturn } from "./live/returns.ts";
import { watchAddress } from "./router.ts";
import { watchTheme } from "./theme.ts";

openSession();
watchTheme();
watchAddress();
watchVisibility();
watchSilence();
watchKeys(openSearch);
startClock();
followService({
  onJob: hearJob,
  onProgress: hearProgress,
  onTimeline: hearTimeline,
  onActiveJobs: hearActiveJobs,
  onReturn: noteReturn,
});

const root = document.getElementById("app");
if (root !== null) render(<App />, root);
