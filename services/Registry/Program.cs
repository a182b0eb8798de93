using Muster.Hosting;
using Muster.Registry;

return await ServiceProcess.RunAsync(args, "registry replica", services => services.AddMusterRegistry());
