namespace Muster.Bus;

/// <summary>
/// The broker did not confirm an event: it may be published or not, so the caller publishes it again under
/// the same id.
/// </summary>
/// <param name="message">Which event, and what is known.</param>
/// <param name="inner">The broker's word, if there is one; null: none.</param>
public sealed class EventNotPublishedException(
    string message, Exception? inner = null) : IOException(message, inner);
