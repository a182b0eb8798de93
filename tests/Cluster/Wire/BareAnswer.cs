using System.Text;
using Muster.Bus;
using Shouldly;

namespace Muster.Cluster.Wire;

/// <summary>An answer as it came in on the <c>reply_to</c> queue: AMQP properties and body.</summary>
public sealed record BareAnswer(string? Type, string? CorrelationId, string? ContentType, byte[] Body)
{
    /// <summary>The body as this contract; the answer must be one.</summary>
    public T Read<T>() where T : class
    {
        Type.ShouldBe(BusJson.TypeName(typeof(T)), ToString());
        ContentType.ShouldBe(BusJson.BareContentType);
        return BusJson.ReadBody<T>(Body);
    }

    public override string ToString() => $"{Type} for {CorrelationId}: {Encoding.UTF8.GetString(Body)}";
}
