using Microsoft.Extensions.Logging;
using Muster.Contracts.Registry;

namespace Muster.Client;

/// <summary>
/// Feeds the watchers of the configuration: each starts from a full list, then follows the registry's events.
/// Used under the client's gate.
/// </summary>
internal sealed class ConfigFeed : IEventSource
{
    private readonly MusterOptions _options;
    private readonly RegistryCalls _calls;
    private readonly ILogger _logger;
    private readonly EventFeed _feed;
    private readonly HashSet<ConfigWatch> _watches = [];

    // Of changes that came before others still missing: an older one that is read later is no news.
    private readonly Dictionary<string, long> _newestAhead = new(StringComparer.Ordinal);

    public ConfigFeed(
        MusterOptions options, LeaseClock clock, Timetable timetable, RegistryCalls calls, ILogger logger)
    {
        (_options, _calls, _logger) = (options, calls, logger);
        _feed = new EventFeed(clock, timetable, this);
    }

    public bool IsWanted => _watches.Count > 0;

    public void Add(ConfigWatch watch)
    {
        if (_watches.Count == 0)
        {
            _feed.Reset(); // nobody has listened since
            _newestAhead.Clear();
        }
        _watches.Add(watch);
        List(watch);
    }

    public void Remove(ConfigWatch watch)
    {
        if (_watches.Remove(watch) && watch.Call is { } call)
        {
            _calls.Close(call);
        }
    }

    /// <summary>The client closes.</summary>
    public void Close()
    {
        foreach (var watch in _watches.ToArray())
        {
            Remove(watch);
            watch.Changes.End(new ObjectDisposedException(nameof(MusterClient)));
        }
    }

    public void LinkUp() => _feed.LinkUp();

    public void OnHead(RegistryEventsHead head) => _feed.OnHead(head.Epoch, head.Number);

    public void OnChanged(ConfigChanged change)
    {
        if (!IsWanted || !_feed.Offer(change.Event.Epoch, change.Event.Number)
            || (_newestAhead.TryGetValue(change.Key, out var newest) && newest > change.Event.Number))
        {
            return;
        }
        if (_feed.IsDense)
        {
            _newestAhead.Clear();
        }
        else
        {
            _newestAhead[change.Key] = change.Event.Number;
        }
        foreach (var watch in _watches)
        {
            watch.Apply(change);
        }
    }

    void IEventSource.Read(long from) => _calls.Open(new RegistryCall
    {
        Id = _calls.NewId(),
        Command = call => new RegistryCommand
        {
            ReadRegistryEvents = new ReadRegistryEvents { CommandId = call.Id, FromNumber = from },
        },
        OnAnswer = reply => OnRead(from, reply),
        Timeout = _options.CallTimeout,
        OnTimeout = _feed.OnReadFailed,
    });

    void IEventSource.Restart()
    {
        _logger.WatchesRestarted(_watches.Count);
        _newestAhead.Clear();
        foreach (var watch in _watches)
        {
            List(watch);
        }
    }

    private void OnRead(long from, RegistryReply reply)
    {
        if (reply.RegistryEventsRead is not { } read)
        {
            var refusal = reply.RegistryRefused ?? CallKinds.OddRegistryAnswer;
            _logger.EventsRefused(refusal.Reason, refusal.Message);
            _feed.OnReadFailed();
            return;
        }
        foreach (var item in read.Events)
        {
            if (item.ConfigChanged is { } change)
            {
                OnChanged(change);
            }
            else if ((item.InstanceRegistered?.Event ?? item.InstanceChanged?.Event
                ?? item.InstanceRemoved?.Event) is { } other)
            {
                _feed.Offer(other.Epoch, other.Number);
            }
        }
        _feed.OnRead(from, read.Freshness.Epoch, read.Head, read.IsTrimmed);
    }

    private void List(ConfigWatch watch)
    {
        if (watch.Call is { } open)
        {
            _calls.Close(open);
        }
        watch.BeginListing();
        ReadPage(watch, new ConfigPages());
    }

    private void ReadPage(ConfigWatch watch, ConfigPages pages)
    {
        watch.Call = new RegistryCall
        {
            Id = _calls.NewId(),
            Bytes = Sizes.OnWire(watch.Prefix) + Sizes.OnWire(pages.After),
            Command = call => new RegistryCommand
            {
                ListConfig = new ListConfig
                {
                    CommandId = call.Id,
                    Prefix = watch.Prefix,
                    After = pages.After,
                },
            },
            OnAnswer = reply => OnPage(watch, pages, reply),
            Timeout = _options.CallTimeout,
            OnTimeout = () => ReadPage(watch, pages),
        };
        _calls.Open(watch.Call);
    }

    private void OnPage(ConfigWatch watch, ConfigPages pages, RegistryReply reply)
    {
        watch.Call = null;
        if (reply.ConfigListed is not { } page)
        {
            _watches.Remove(watch);
            watch.Changes.End(CallKinds.ToException(reply.RegistryRefused));
        }
        else if (!pages.Add(page) || watch.HasOverflown || page.Freshness.Epoch < _feed.Epoch)
        {
            List(watch); // pages of two epochs are no list
        }
        else if (page.IsTruncated && page.Entries.Count > 0)
        {
            ReadPage(watch, pages);
        }
        else
        {
            OnListed(watch, pages);
        }
    }

    private void OnListed(ConfigWatch watch, ConfigPages pages)
    {
        if (_feed.Epoch > 0 && pages.Epoch > _feed.Epoch)
        {
            _newestAhead.Clear();
            foreach (var other in _watches.Where(other => other != watch))
            {
                List(other);
            }
        }
        else if (pages.Number < _feed.Seen)
        {
            // The feed goes back for this watch; the others have had what comes again.
            foreach (var other in _watches.Where(other => !other.IsListing))
            {
                other.Floor = Math.Max(other.Floor, _feed.Seen);
            }
        }
        watch.Load(pages.Entries, pages.Epoch, pages.Number);
        _feed.Base(pages.Epoch, pages.Number);
    }
}
