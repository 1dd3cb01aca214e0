// The parts of ECharts the pages draw with, and nothing else.
import { use, init } from "echarts/core";
import { BarChart, LineChart } from "echarts/charts";
import { AriaComponent, DatasetComponent, GridComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { CanvasRenderer } from "echarts/renderers";

use([AriaComponent, BarChart, CanvasRenderer, DatasetComponent, GridComponent, LineChart, MarkLineComponent, TooltipComponent]);

export { init };
