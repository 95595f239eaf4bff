import type { RunEvent } from "vesalius/recipes";

/** Seconds between lines where the output is no terminal. */
const secondsBetweenLines = 10;
const millisecondsBetweenUpdates = 100;

const minutes = (seconds: number): string => {
  const whole = Math.max(0, Math.round(seconds));
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
};

function progressLine(event: Extract<RunEvent, { type: "progress" }>): string {
  const { stage, step, totalSteps, loss, examplesPerSecond, secondsLeft, unit } = event;
  const share = Math.floor((100 * step) / totalSteps);
  const rate = examplesPerSecond < 10 ? examplesPerSecond.toFixed(1) : String(Math.round(examplesPerSecond));
  return [
    stage,
    `${step}/${totalSteps} (${share}%)`,
    ...(loss === undefined ? [] : [`loss ${loss.toFixed(4)}`]),
    `${rate} ${unit}/s`,
    `${minutes(secondsLeft)} left`,
  ].join("  ");
}

/** How a stage came to be finished. */
const endings = {
  now: (time: string) => `done in ${time}`,
  run: () => "finished earlier",
  shared: () => "taken from another run",
} as const;

/** What progress is written to. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/**
 * Shows a run's progress: one line that is rewritten on a terminal, otherwise a line about every ten seconds.
 *
 * @param now clock in milliseconds, for tests
 */
export function showProgress(
  stream: ProgressStream,
  now: () => number = () => performance.now(),
): (event: RunEvent) => void {
  const live = stream.isTTY === true;
  let shown = -Infinity;
  const clear = (): void => {
    if (live) stream.write("\r\u001B[2K");
  };
  return (event) => {
    switch (event.type) {
      case "caution":
        stream.write(`caution: ${event.dataset}: ${event.text}\n`);
        return;
      case "stageStarted":
        shown = live ? -Infinity : now();
        if (!live) stream.write(`[${event.number}/${event.stages}] ${event.stage}\n`);
        return;
      case "progress": {
        const due = now() - shown >= (live ? millisecondsBetweenUpdates : secondsBetweenLines * 1000);
        if (!due && event.step !== event.totalSteps) return;
        shown = now();
        clear();
        stream.write(live ? progressLine(event).slice(0, (stream.columns ?? 80) - 1) : `${progressLine(event)}\n`);
        return;
      }
      case "stageFinished":
        clear();
        stream.write(`${event.stage}: ${endings[event.from](minutes(event.seconds))}\n`);
        return;
      case "stageDamaged":
        clear();
        stream.write(`${event.stage}: files are missing or not as they were written, so it is done again\n`);
        return;
      case "record":
    }
  };
}
