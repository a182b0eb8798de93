using Xunit;

// Instruments belong to the process: when one of two hosts ends, OpenTelemetry drops the series that it
// shared with the other by name. A process of Muster's has one host.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
