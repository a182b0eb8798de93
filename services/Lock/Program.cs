using Muster.Hosting;
using Muster.Lock;

return await ServiceProcess.RunAsync(args, "lock replica", services => services.AddMusterLock());
