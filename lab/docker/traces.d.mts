/** What an engine of the lab leaves in the kernel: bridges with an address in its net, and its control group. */
export type Traces = { net: string; group: string }

export declare function removeTraces(traces: Traces): Promise<void>
