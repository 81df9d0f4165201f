import { expect, test } from "vitest";
import { ratePlot, rateStep } from "./rate-plot.ts";

const POINTS = [
  { from: 10_000, at: 11_000, perSecond: 100 },
  { from: 11_000, at: 12_000, perSecond: 0 },
  { from: 12_000, at: 14_000, perSecond: 50 },
];

test.each([
  [1, 1],
  [10, 5],
  [1000, 500],
  [24_000, 10_000],
])("rates up to %d have lines every %d", (most, step) => {
  expect(rateStep(most)).toBe(step);
});

test("each rate holds for its stretch, and the highest has air above it", () => {
  const plot = ratePlot(POINTS, 464, 134);

  expect(plot.path).toBe("M56 17.1V17.1H156V108H256V62.5H456");
  expect(plot.rates).toEqual([
    { value: 0, place: 108 },
    { value: 50, place: 62.5 },
    { value: 100, place: 17.1 },
  ]);
});

test("times are whole ones, as many as fit", () => {
  const plot = ratePlot(POINTS, 464, 134);

  expect(plot.times.map(({ value }) => value)).toEqual([10_000, 12_000, 14_000]);
  expect(ratePlot(POINTS, 130, 134).times.length).toBeLessThan(2);
});

test("what is outside of the plot is at its edge", () => {
  const { placeOf, left, right } = ratePlot(POINTS, 464, 134);

  expect([placeOf(0), placeOf(99_999)]).toEqual([left, right]);
});
