/** What the module asks of its host. */

/** The number that the span of ASCII stands for, rounded to the nearest. */
export declare function parseLong(start: usize, length: usize): f64;
