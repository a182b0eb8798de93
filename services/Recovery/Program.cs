using Muster.Hosting;
using Muster.Recovery;

return await ServiceProcess.RunAsync(args, "recovery replica", services => services.AddMusterRecovery());
