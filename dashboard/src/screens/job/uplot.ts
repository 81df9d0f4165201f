/** uPlot with its style, as a piece of the build that is loaded on its own. */
import "uplot/dist/uPlot.min.css";

export { default as UPlot } from "uplot";
