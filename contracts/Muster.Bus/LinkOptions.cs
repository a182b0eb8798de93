using System.Collections.Frozen;

namespace Muster.Bus;

/// <summary>What a link consumes.</summary>
public sealed record LinkOptions
{
    /// <summary>
    /// The inbox's stable address, unique in the cluster: <c>consensus.n1</c>, <c>replica.lock.x1</c>,
    /// <c>client.host.42</c>. 1 to 200 ASCII letters, digits, '.', '-', '_' and ':'.
    /// </summary>
    public required string Address { get; init; }

    /// <summary>
    /// Receives the inbox's messages, one after the other, in their order. Must not block: it posts to a
    /// bounded channel of its owner's.
    /// </summary>
    public required Action<LinkMessage> OnMessage { get; init; }

    /// <summary>Fanout exchanges whose messages also come to the inbox.</summary>
    public IReadOnlyList<string> Subscriptions { get; init; } = [];

    /// <summary>
    /// Fanout exchanges that this link publishes to, beside those it subscribes to. They are declared at each
    /// connect, because a publish to an exchange that does not exist would close the channel for everybody's
    /// messages.
    /// </summary>
    public IReadOnlyList<string> Publishes { get; init; } = [];

    /// <summary>Shared durable queues that this link takes work from, beside the inbox.</summary>
    public IReadOnlyList<WorkQueue> WorkQueues { get; init; } = [];

    /// <summary>
    /// Drop inbox messages that were not delivered within this time, above zero. Default 1 s; RabbitMQ only.
    /// </summary>
    public TimeSpan InboxMessageTtl { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Messages the inbox holds at most, dropping the oldest. 1 or more; default 10,000; RabbitMQ only.
    /// </summary>
    public int InboxMaxLength { get; init; } = 10_000;

    /// <summary>
    /// Called with the name of a queue that the broker deleted (a crashed owner's exclusive inbox among
    /// them), if the broker has the rabbitmq_event_exchange plugin. Null: do not ask for it. RabbitMQ only.
    /// </summary>
    public Action<string>? OnQueueDeleted { get; init; }

    /// <summary>Every fanout exchange that this link names, each once.</summary>
    internal IReadOnlySet<string> Exchanges() => Publishes
        .Concat(Subscriptions)
        .Concat(WorkQueues.SelectMany(queue => queue.Exchanges))
        .ToFrozenSet(StringComparer.Ordinal);

    internal void Validate()
    {
        // The address is part of a queue's name, which both transports limit in length and characters.
        if (Address.Length is 0 or > 200
            || !Address.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or ':'))
        {
            throw new ArgumentException(
                $"The address '{Address}' must be 1 to 200 ASCII letters, digits, '.', '-', '_' or ':'.");
        }
        if (InboxMessageTtl <= TimeSpan.Zero || InboxMaxLength <= 0)
        {
            throw new ArgumentException(
                $"{Address}: InboxMessageTtl {InboxMessageTtl} and InboxMaxLength {InboxMaxLength} "
                + "must be positive.");
        }
        foreach (var queue in WorkQueues)
        {
            queue.Validate();
        }
    }
}

/// <summary>A durable queue shared by all that name it: each message goes to one of them.</summary>
public sealed record WorkQueue
{
    /// <summary>The queue's name.</summary>
    public required string Name { get; init; }

    /// <summary>The fanout exchanges it is bound to.</summary>
    public required IReadOnlyList<string> Exchanges { get; init; }

    /// <summary>
    /// Receives a message; it stays unacknowledged, and comes to another consumer if this process dies, until
    /// <see cref="LinkMessage.Ack"/>.
    /// </summary>
    public required Action<LinkMessage> OnMessage { get; init; }

    /// <summary>Unacknowledged messages at most at a time. 1 to 65,535; default 256.</summary>
    public ushort Prefetch { get; init; } = 256;

    /// <summary>Drop messages that waited longer, above zero. Null (default): never.</summary>
    public TimeSpan? MessageTtl { get; init; }

    /// <summary>
    /// Messages the queue holds at most, dropping the oldest. 1 or more; default 100,000.
    /// </summary>
    public int MaxLength { get; init; } = 100_000;

    internal void Validate()
    {
        // AMQP takes a prefetch of 0 as unlimited, which would lift the bound on what this process holds.
        if (Name.Length == 0 || Prefetch == 0 || MaxLength <= 0 || MessageTtl <= TimeSpan.Zero)
        {
            throw new ArgumentException(
                $"Work queue '{Name}': name, Prefetch {Prefetch}, MaxLength {MaxLength} and "
                + $"MessageTtl {MessageTtl} must be positive.");
        }
    }
}
