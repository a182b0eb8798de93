using Muster.Detector;
using Muster.Hosting;

return await ServiceProcess.RunAsync(args, "detector", services => services.AddMusterDetector());
