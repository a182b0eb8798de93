using Muster.Simulator;
using Shouldly;
using Xunit;

namespace Muster.Simulation.Tests;

public sealed class BrokerTests
{
    private readonly Scheduler _scheduler = new();
    private readonly Broker _broker;
    private readonly List<(Worker Worker, Action Acknowledge)> _taken = [];

    public BrokerTests()
    {
        var counts = new HappeningCounts();
        var chance = new Chance(1);
        _broker = new(
            _scheduler, new Network(_scheduler, chance, counts), chance, new Trace(_scheduler, print: null),
            counts);
    }

    /// <summary>A delivery tag is worth nothing over another connection than its own.</summary>
    [Fact]
    public void Who_lost_his_connection_acknowledges_nobody_elses_copy()
    {
        new Worker("a", this).Start();
        new Worker("b", this).Start();
        Pass();
        _broker.Tell("jobs", "job");
        Pass();
        _taken.Count.ShouldBe(1);

        _broker.End(_taken[0].Worker.Link.Session!);
        Pass();
        _taken.Count.ShouldBe(2);
        _taken[1].Worker.ShouldNotBe(_taken[0].Worker);
        _taken[0].Acknowledge();
        Pass();
        _broker.End(_taken[1].Worker.Link.Session!);
        Pass();
        _taken.Count.ShouldBe(3);

        _taken[2].Acknowledge();
        Pass();
        _broker.End(_taken[2].Worker.Link.Session!);
        Pass();
        _taken.Count.ShouldBe(3);
    }

    private void Pass() => _scheduler.RunUntil(_scheduler.Now + Scheduler.Second);

    private sealed class Worker(string name, BrokerTests tests)
        : SimulatedProcess(name, tests._scheduler, new ProcessClock(tests._scheduler, 0, 0)), ILinkOwner
    {
        private SimulatedLink _link = null!;

        public override SimulatedLink Link => _link;

        public void OnLinkUp()
        {
        }

        public void OnLinkDown()
        {
        }

        public void OnMessage(BusMessage message)
        {
        }

        public void OnQueueDeleted(string queue)
        {
        }

        protected override void OnStart()
        {
            _link = new SimulatedLink(tests._broker, this, new LinkSettings
            {
                Address = Name,
                WorkQueues =
                [
                    new("work", "jobs", 1, 60 * Scheduler.Second,
                        (_, acknowledge) => tests._taken.Add((this, acknowledge))),
                ],
            }, this);
            _link.Start();
        }

        protected override void OnCrash()
        {
        }

        protected override void Turn()
        {
        }
    }
}
