using Muster.Worker;

return args switch
{
    ["lock", .. var settings] => await LockWorker.RunAsync(WorkerSettings.Parse(settings)),
    ["node", .. var settings] => await NodeWorker.RunAsync(NodeSettings.Parse(settings)),
    ["recovery", var point] => await MortalRecovery.RunAsync(point),
    ["standby", .. var settings] => await StandbyWorker.RunAsync(StandbySettings.Parse(settings)),
    _ => throw new ArgumentException("usage: Muster.Worker lock|node|recovery|standby SETTINGS"),
};
