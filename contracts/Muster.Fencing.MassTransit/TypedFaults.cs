using MassTransit;
using MassTransit.Configuration;

namespace Muster.Fencing;

/// <summary>
/// The message types of an endpoint's consumers: a filter before them knows no type, and a fault without
/// one is heard by nobody who waits for a response.
/// </summary>
internal sealed class TypedFaults : ConfigurationObserver, IMessageConfigurationObserver
{
    private readonly List<Func<ConsumeContext, Exception, Task>> _types = [];

    public TypedFaults(IConsumePipeConfigurator endpoint)
        : base(endpoint) => Connect(this);

    public void MessageConfigured<TMessage>(IConsumePipeConfigurator configurator)
        where TMessage : class => _types.Add(NotifyAsync<TMessage>);

    public override void BatchConsumerConfigured<TConsumer, TMessage>(
        IConsumerMessageConfigurator<TConsumer, Batch<TMessage>> configurator) =>
        _types.Add(NotifyAsync<TMessage>);

    /// <summary>
    /// Tells of the fault under each type that the message has, since anybody may wait for any of them; none:
    /// MassTransit tells without.
    /// </summary>
    public async Task NotifyAsync(ConsumeContext context, Exception refusal)
    {
        foreach (var notify in _types)
        {
            await notify(context, refusal).ConfigureAwait(false);
        }
    }

    private static async Task NotifyAsync<TMessage>(ConsumeContext context, Exception refusal)
        where TMessage : class
    {
        if (context.TryGetMessage<TMessage>(out var typed))
        {
            await typed.NotifyFaulted(typed, TimeSpan.Zero, "Muster.Fencing", refusal).ConfigureAwait(false);
        }
    }
}
