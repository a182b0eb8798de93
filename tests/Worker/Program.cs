using Muster.Worker;

return args switch
{
    ["lock", .. var settings] => await LockWorker.RunAsync(WorkerSettings.Parse(settings)),
    ["node", .. var settings] => await NodeWorker.RunAsync(NodeSettings.Parse(settings)),
    ["standby", .. var settings] => await StandbyWorker.RunAsync(StandbySettings.Parse(settings)),
    _ => throw new ArgumentException("usage: Muster.Worker lock|node|standby SETTINGS"),
};
