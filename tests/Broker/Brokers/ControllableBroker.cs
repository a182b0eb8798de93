namespace Muster.Broker;

/// <summary>
/// What the brokers that tests own have in common: their state, and the alarm through rabbitmqctl.
/// </summary>
internal abstract class ControllableBroker : IBroker
{
    private bool _blocked;
    private bool _paused;

    public abstract Uri Uri { get; }

    public abstract string Description { get; }

    public bool HasEventExchange { get; private set; }

    public bool CanControl => true;

    public bool IsRunning { get; private set; }

    public async Task StartAsync()
    {
        if (IsRunning)
        {
            return;
        }
        await StartNodeAsync();
        HasEventExchange = await AmqpProbe.WaitAsync(Uri);
        IsRunning = true;
        // The watermark is not kept over a restart.
        _blocked = false;
    }

    public async Task StopAsync()
    {
        if (IsRunning)
        {
            await ResumeAsync();
            IsRunning = false;
            await StopNodeAsync();
        }
    }

    public async Task BlockAsync()
    {
        _blocked = true;
        await RabbitmqctlAsync("set_vm_memory_high_watermark", "0");
    }

    public async Task UnblockAsync()
    {
        await RabbitmqctlAsync("set_vm_memory_high_watermark", "0.6");
        _blocked = false;
    }

    public async Task PauseAsync()
    {
        _paused = true;
        await PauseNodeAsync();
    }

    public async Task ResumeAsync()
    {
        if (_paused)
        {
            await ResumeNodeAsync();
            _paused = false;
        }
    }

    /// <summary>
    /// Undoes what a failed test left: the broker runs, and is neither paused nor blocked.
    /// </summary>
    public async Task RestoreAsync()
    {
        await ResumeAsync();
        await StartAsync();
        if (_blocked)
        {
            await UnblockAsync();
        }
    }

    public abstract Task<string> RabbitmqctlAsync(params string[] arguments);

    public abstract ValueTask DisposeAsync();

    protected abstract Task StartNodeAsync();

    protected abstract Task StopNodeAsync();

    protected abstract Task PauseNodeAsync();

    protected abstract Task ResumeNodeAsync();
}
