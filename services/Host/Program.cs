using Muster.Host;

return await HostCommands.Create(args).Parse(args).InvokeAsync();
