using System.Text.Json;
using CsCheck;
using Muster.Contracts;
using Muster.Contracts.Registry;
using Muster.Registry.Machine;
using Muster.Replication.Core;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Registry;

/// <summary>
/// Random histories: what must hold whatever the commands, and wherever a replica restarts.
/// </summary>
public sealed class HistoryTests
{
    private const int Runs = 60;

    private static readonly Gen<int> Seeds = Gen.Int[0, 1_000_000];

    [Fact]
    public void A_replica_that_restarts_anywhere_is_the_same_as_one_that_never_does() => Seeds.Sample(seed =>
    {
        var history = RegistryHistory.Draw(seed, 60);
        var (straight, restarted) = (new RegistryMachine(), new RegistryMachine());
        var random = new Random(seed + 1);
        foreach (var entry in history)
        {
            var expected = straight.Apply(entry);
            var actual = restarted.Apply(entry);
            actual.Select(Text).ShouldBe(expected.Select(Text));
            if (random.Next(4) == 0)
            {
                var next = new RegistryMachine();
                next.Restore(restarted.TakeSnapshot());
                restarted = next;
            }
            restarted.Digest().ShouldBe(straight.Digest());
        }
    }, iter: Runs, print: seed => $"seed {seed}");

    [Fact]
    public void Events_are_dense_and_replay_to_the_same_instances_and_configuration() => Seeds.Sample(seed =>
    {
        var machine = new RegistryMachine();
        var (instances, config) = (new SortedSet<string>(), new SortedDictionary<string, long>());
        var (number, epoch) = (0L, 0L);
        foreach (var entry in RegistryHistory.Draw(seed, 60, withRestorations: false))
        {
            foreach (var delivery in machine.Apply(entry).OfType<RegistryEffect.Delivery>())
            {
                var id = delivery.Item.EventId!;
                id.Number.ShouldBe(++number);
                id.Index.ShouldBe(entry.Index);
                epoch = id.Epoch;
                Replay(delivery.Item.Event!, instances, config);
            }
        }
        var views = machine.ViewsAfter("", 100, 10_000);
        views.SelectMany(view => view.Instances).Select(one => $"{one.Service}/{one.InstanceId}")
            .ShouldBe(instances);
        machine.List(new ListConfig()).ConfigListed!.Entries
            .Select(entry => KeyValuePair.Create(entry.Key, entry.Version)).ShouldBe(config);
        machine.EventsHead.ShouldBe(number);
    }, iter: Runs, print: seed => $"seed {seed}");

    [Fact]
    public void Views_never_go_back_and_versions_never_come_twice_also_over_restorations() =>
        Seeds.Sample(seed =>
        {
            var machine = new RegistryMachine();
            var newest = new Dictionary<string, ServiceView>();
            var written = new HashSet<(string, long)>();
            foreach (var entry in RegistryHistory.Draw(seed, 80))
            {
                foreach (var effect in machine.Apply(entry))
                {
                    if (effect is RegistryEffect.Delivery { Item.Event.ConfigChanged.Entry: { } put })
                    {
                        written.Add((put.Key, put.Version)).ShouldBeTrue();
                    }
                }
                foreach (var service in RegistryHistory.Services)
                {
                    var view = machine.View(service);
                    if (newest.TryGetValue(service, out var before))
                    {
                        IsInOrder(before, view).ShouldBeTrue($"{before.Index} then {view.Index}");
                    }
                    newest[service] = view;
                }
            }
        }, iter: Runs, print: seed => $"seed {seed}");

    [Fact]
    public void A_command_sent_again_within_the_window_is_done_once() => Seeds.Sample(seed =>
    {
        var machine = new RegistryMachine();
        var doneAt = new Dictionary<string, long>();
        foreach (var entry in RegistryHistory.Draw(seed, 60, withRestorations: false))
        {
            var effects = machine.Apply(entry);
            var told = effects.OfType<RegistryEffect.Delivery>()
                .Select(one => one.Item.Event!.ConfigChanged?.Entry?.Version).OfType<long>().ToHashSet();
            foreach (var answer in effects.OfType<RegistryEffect.Answer>())
            {
                if (answer.Reply.ConfigWritten is { Version: > 0 } written && told.Remove(written.Version))
                {
                    var isForgotten = !doneAt.TryGetValue(answer.CommandId, out var before)
                        || machine.Time - before >= RegistryHistory.Window;
                    isForgotten.ShouldBeTrue(answer.CommandId);
                    doneAt[answer.CommandId] = machine.Time;
                }
            }
            told.ShouldBeEmpty();
        }
    }, iter: Runs, print: seed => $"seed {seed}");

    private static bool IsInOrder(ServiceView before, ServiceView after) =>
        after.Epoch > before.Epoch
        || (after.Epoch == before.Epoch && after.Index > before.Index)
        || (after.Epoch == before.Epoch && after.Index == before.Index
            && after.Instances.Select(one => (one.InstanceId, one.Host, one.IsDraining))
                .SequenceEqual(before.Instances.Select(one => (one.InstanceId, one.Host, one.IsDraining))));

    private static void Replay(
        RegistryEvent told, SortedSet<string> instances, SortedDictionary<string, long> config)
    {
        switch (told)
        {
            case { InstanceRegistered.Instance: { } one }:
                instances.Add($"{one.Service}/{one.InstanceId}").ShouldBeTrue();
                break;
            case { InstanceChanged.Instance: { } one }:
                instances.ShouldContain($"{one.Service}/{one.InstanceId}");
                break;
            case { InstanceRemoved: { } gone }:
                instances.Remove($"{gone.Service}/{gone.InstanceId}").ShouldBeTrue();
                break;
            case { ConfigChanged: { Entry: { } entry } changed }:
                config[changed.Key] = entry.Version;
                break;
            case { ConfigChanged: { } changed }:
                config.Remove(changed.Key).ShouldBeTrue();
                break;
        }
    }

    private static string Text(RegistryEffect effect) => JsonSerializer.Serialize<object>(effect);
}
