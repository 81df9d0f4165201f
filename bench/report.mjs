// From runs to figures: medians of times, and ratios within each round, because times move with the machine and ratios
// do not.
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import { execFileSync } from "node:child_process";

const MIB = 1024 * 1024;

/** A quantile of numbers, the lower one between two. */
function quantile(numbers, share) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** What a case says of each contender: median seconds, rows a second, ratio to the first contender, peak memory. */
export function summarize(data, runs) {
  const [[baseName, base]] = runs;
  return [...runs].map(([name, own]) => {
    const ratiosOf = (key) =>
      own.map((run, round) => base[round].seconds / (run[key] ?? run.seconds));
    const seconds = median(own.map((run) => run.seconds));
    const jobSeconds =
      own[0].jobSeconds === undefined ? null : median(own.map((run) => run.jobSeconds));
    const ratios = ratiosOf("seconds");
    const jobRatio = jobSeconds === null ? null : median(ratiosOf("jobSeconds"));
    const peaks = own.map((run) => run.peakBytes).filter((bytes) => bytes !== null);
    return {
      name,
      isBase: name === baseName,
      seconds,
      rowsPerSecond: data.rows / seconds,
      ratio: median(ratios),
      least: Math.min(...ratios),
      most: Math.max(...ratios),
      jobSeconds,
      jobRatio,
      peakMib: peaks.length === 0 ? null : Math.max(...peaks) / MIB,
    };
  });
}

/** Facts of the machine, the programs and the data, as pairs. */
function factsOf({ server, tools, options, files }) {
  const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
  const [cpu] = cpus();
  const memory = `${Math.round(totalmem() / 1024 ** 3)} GB`;
  return [
    ["Date, commit", `${new Date().toISOString().slice(0, 10)}, ${commit}`],
    ["Machine", `${availableParallelism()} cores (${cpu?.model ?? "unknown"}), ${memory}`],
    // Over the number of cores something else ran too, and less of the machine was there for everybody.
    ["Load average at the end", loadavg()[1].toFixed(1)],
    ["Node", process.version],
    ["PostgreSQL", `${server.version} (${server.origin}); ${server.settings}`],
    ...Object.entries(tools),
    ["Seed, rounds", `${options.seed}, ${options.rounds}`],
    ...files.map((each) => [
      `Data: ${each.name}`,
      `${each.rows.toLocaleString("en")} rows, ${(each.bytes / 1e6).toFixed(1)} MB: ${each.says}`,
    ]),
  ];
}

const number = (value, digits = 2) => (value === null ? "" : value.toFixed(digits));

function tableOf(header, rows) {
  const lines = [header, header.map(() => "---"), ...rows];
  return `${lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n")}\n`;
}

function caseTable({ summary }) {
  const header = ["", "s", "rows/s", "ratio (least–most)", "ratio without transfer", "peak MiB"];
  const rows = summary.map((row) => [
    row.name,
    number(row.seconds),
    `${Math.round(row.rowsPerSecond / 1000)} k`,
    row.isBase ? "1" : `**${number(row.ratio)}** (${number(row.least)}–${number(row.most)})`,
    number(row.jobRatio),
    row.peakMib === null ? "" : String(Math.round(row.peakMib)),
  ]);
  return tableOf(header, rows);
}

function lossesOf(results) {
  const lost = results.flatMap(({ title, summary }) =>
    summary
      .filter((row) => /sluice/i.test(row.name) && row.ratio < 1)
      .map(
        (row) =>
          `- ${title}: ${row.name} has ${number(row.ratio)} of the speed of ${summary[0].name}.`,
      ),
  );
  return lost.length === 0 ? "Nowhere in this run.\n" : `${lost.join("\n")}\n`;
}

function pausesOf(times) {
  const ms = (share) => `${Math.round(quantile(times, share))} ms`;
  return `${times.length} pauses of an import at full speed, from the request to the answer \`paused\`: p50 ${ms(0.5)}, p95 ${ms(0.95)}, longest ${ms(1)}.\n`;
}

const MEANING = `A ratio is the speed relative to the first line of its table, within one round; the median of the rounds stands
first. Times move with the machine, ratios hardly do. The time of Sluice goes from the first byte of the upload to
\`succeeded\`, when all rows are visible, and of an export from the request to the last byte of the download; "without
transfer" is the job alone, from the request for it to \`succeeded\`, with the file lying with the service. All others are
whole processes, from start to end. Memory is that of the loading process: of Sluice the whole service, of psql and others
the client alone. All contenders load, or export, the same rows, which a sum over the tables shows.
`;

/** The report as Markdown. */
export function formatReport(report) {
  const { results, pauses } = report;
  const sections = [
    tableOf(["", ""], factsOf(report)),
    MEANING,
    ...results.map((result) => `## ${result.title}\n\n${caseTable(result)}`),
    ...(pauses === null ? [] : [`## Pausing\n\n${pausesOf(pauses)}`]),
    `## Where Sluice loses\n\n${lossesOf(results)}`,
  ];
  return sections.join("\n");
}

/** The page docs/benchmarks.md. */
export function formatPage(report) {
  return `# Benchmarks

Written by \`npm run bench -- --write\`; the numbers are those of one run on one machine. Repeat it on yours:
\`npm run bench -- --quick\` takes some minutes. A load average above the number of cores says that other programs took
their share, and most from whoever uses several processes, as Sluice does.

${formatReport(report)}`;
}
