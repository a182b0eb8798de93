namespace Muster.Bus;

/// <summary>
/// The broker did not confirm an event: it may be published or not, so the caller publishes it again under
/// the same id.
/// </summary>
public sealed class EventNotPublishedException(
    string message, Exception? inner = null) : IOException(message, inner);
