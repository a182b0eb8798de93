using Muster.Client;
using Muster.Locking;
using Xunit;

namespace Muster.Coordination.Tests.Elections;

/// <summary>Elections of separate processes over RabbitMQ.</summary>
public sealed class RabbitElectionTests(ElectedServiceTests.ElectionStack stack)
    : ElectionSuite, IClassFixture<ElectedServiceTests.ElectionStack>
{
    protected override async Task<MusterClient> ConnectAsync(string owner) =>
        (await stack.WholeAsync()).NewClient(owner);
}
