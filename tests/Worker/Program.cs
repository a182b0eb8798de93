using Muster.Worker;

return args switch
{
    ["elected", .. var settings] => await ElectedWorker.RunAsync(ElectedSettings.Parse(settings)),
    ["history", .. var settings] => await HistoryWorker.RunAsync(HistorySettings.Parse(settings)),
    ["holder", .. var settings] => await HolderWorker.RunAsync(HolderSettings.Parse(settings)),
    ["lock", .. var settings] => await LockWorker.RunAsync(WorkerSettings.Parse(settings)),
    ["node", .. var settings] => await NodeWorker.RunAsync(NodeSettings.Parse(settings)),
    ["recovery", var point] => await MortalRecovery.RunAsync(point),
    ["standby", .. var settings] => await StandbyWorker.RunAsync(StandbySettings.Parse(settings)),
    _ => throw new ArgumentException(
        "usage: Muster.Worker elected|history|holder|lock|node|recovery|standby SETTINGS"),
};
