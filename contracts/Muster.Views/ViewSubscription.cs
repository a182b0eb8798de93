using Microsoft.Extensions.Logging;

namespace Muster.Views;

/// <summary>
/// One listener: brings announcements into order and notices what is missing between them. Several replicas
/// announce the same events, so what is known already is dropped.
/// </summary>
internal sealed partial class ViewSubscription(
    Action<ViewAnnouncement> onAnnounced, Action onGap, Action<ViewSubscription> onDisposed, ILogger logger)
    : IDisposable
{
    private readonly ILogger _logger = logger;
    private readonly Lock _gate = new();
    private long? _epoch;
    private long _number;
    private bool _isDisposed;

    public void Take(ViewAnnouncement announcement)
    {
        lock (_gate)
        {
            if (_isDisposed || announcement.Epoch < _epoch
                || (announcement.Epoch == _epoch && announcement.ToNumber < _number))
            {
                return; // an announcer that is behind: its head says nothing of what is current
            }
            var isGap = announcement.Epoch != _epoch || announcement.FromNumber > _number + 1;
            var isKnown = announcement.Epoch == _epoch && announcement.ToNumber == _number;
            (_epoch, _number) = (announcement.Epoch, announcement.ToNumber);
            if (isGap)
            {
                Call(onGap);
            }
            // Another replica's word of the same events is worth no more than a head.
            var news = isKnown
                ? announcement with { FromNumber = announcement.ToNumber + 1, Services = [] }
                : announcement;
            Call(() => onAnnounced(news));
        }
    }

    /// <summary>The connection is lost or new: what was announced meanwhile did not come.</summary>
    public void Interrupt()
    {
        lock (_gate)
        {
            if (!_isDisposed)
            {
                _epoch = null;
                Call(onGap);
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
        }
        onDisposed(this);
    }

    private void Call(Action callback)
    {
        try
        {
            callback();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // The listener's own fault must not end the announcements of the others.
            LogFailed(exception);
        }
    }

    [LoggerMessage(6111, LogLevel.Error, "A listener to service views failed")]
    private partial void LogFailed(Exception exception);
}
