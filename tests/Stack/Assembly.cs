using Muster.Stack.Tests;
using Xunit;

[assembly: AssemblyFixture(typeof(ComposeStack))]

// One stack, one test at a time: they kill its containers.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
