# formats.awk - a made-up file of one format (-v format=NAME) with `rows` rows, as its publisher writes
# them: awk -v format=swf -v rows=1000000 -f formats.awk. The same bytes everywhere.

# The next number from 0 to n - 1.
function draw(n) {
	state = (state * 1103515245 + 12345) % 2147483648
	return int(state / 65536) % n
}

# "2020-04-01 00:00:00" and so many seconds; months do not end within what is asked for here.
function date(s) {
	return sprintf("2020-%02d-%02d %02d:%02d:%02d", 1 + int(s / 2419200) % 12, 1 + int(s / 86400) % 28,
		int(s / 3600) % 24, int(s / 60) % 60, s % 60)
}

# "a1b2c3d4e5f60718" for a number: names are often digests.
function digest(n) {
	return sprintf("%08x%08x", n, (n * 7919 + 104729) % 2147483647)
}

function head(text) {
	header = text
}

BEGIN {
	state = 1
	split("1 1 1 1 2 2 4 8 8 16", sizes, " ")
	split("T4 P100 V100 A100", models, " ")
	split("cifar10 ncf deepspeech2 bert yolov3 imagenet", applications, " ")
	split("Pass Killed Failed", pass, " ")
	split("COMPLETED CANCELLED FAILED TIMEOUT", states, " ")
	header = ""
	if (format == "acme") head("job_id,user,node_num,gpu_num,cpu_num,type,state,submit_time,start_time,end_time,duration,queue,gpu_time")
	if (format == "alcf") head(",job,user,project,state,gpu_num,cpu_num,node_num,submit_time,wait_time,run_time,wall_time,node_hour,new_status")
	if (format == "azure_llm") head("TIMESTAMP,ContextTokens,GeneratedTokens\r")
	if (format == "batsim") head("{\"nb_res\": 64, \"profiles\": {\"p\": {\"type\": \"delay\", \"delay\": 60}}, \"jobs\": [")
	if (format == "chronus") head("job_id,user,num_gpu,submit_time,iterations,model_name,duration,interval,expect_time_list,expect_value_list,best_effort,job_type")
	if (format == "dlrm") head("instance_sn,role,app_name,cpu_request,cpu_limit,gpu_request,gpu_limit,rdma_request,rdma_limit,memory_request,memory_limit,disk_request,disk_limit,max_instance_per_node,creation_time,scheduled_time,deletion_time")
	if (format == "elasticflow") head("job_id,submit_time,real_iteration,model_name,ddl,batch_size,num_gpu,real_duration,duration,iteration")
	if (format == "gen_parallel") head("u_id,user,gpu_num,cpu_num,node_num,interval,run_time,wall_time,new_status\r")
	if (format == "genai") head("gmt_create,predict_type,predict_status,exec_time_seconds,groupId,prompt_length,negative_prompt_length,num_images_per_prompt,num_inference_steps,checkpoint_model_version_id,num_lora")
	if (format == "helios") head("job_id,user,vc,gpu_num,cpu_num,node_num,state,submit_time,start_time,end_time,duration,queue")
	if (format == "helios_fleetsim") head("job_id,user,tenant,class,submit_time,num_chips,chip_type,num_nodes,duration_s,walltime_limit_s,final_status")
	if (format == "helios_vc") head("date,vcA,vcB,vcC,total")
	if (format == "kubectl") head("{\"apiVersion\": \"v1\", \"items\": [")
	if (format == "lingjun") head("ip,DSW,PSW,ASW")
	if (format == "lumos") head(",run_time,wait_time,submit_time,gpu_num")
	if (format == "mig_list") head("node,gpu,profiles,model,gpu_memory_mib,cpus,memory_mib")
	if (format == "muri") head("job_id,num_gpu,submit_time,iterations,model_name,batch_size,duration,interval,iteration_time,resource_time_0,resource_time_1,resource_time_2,priority\r")
	if (format == "native") head("job_id,submit_s,duration_s,gpus,user,queue,estimate_s")
	if (format == "openb") head("name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time")
	if (format == "openb_nodes") head("sn,cpu_milli,memory_mib,gpu,model")
	if (format == "pai_gaia") head("arrival_time,length,cpus")
	if (format == "pai_sim") head("job_id,num_inst,submit_time,num_cpu,num_gpu,gpu_type,duration,user,user_dur,group_dur,group_gpu_dur")
	if (format == "philly") head("timestamp,duration,num_gpus,gpu_time,cluster")
	if (format == "philly_json") head("[")
	if (format == "pollux" || format == "sia") head("name,time,application,num_replicas,batch_size")
	if (format == "sacct") head("JobID|JobName|User|Account|Partition|State|Submit|Start|End|ElapsedRaw|Timelimit|AllocTRES|ReqTRES|NNodes")
	if (format == "sdsc_par") head("Job_Number,Interval,Run_Time,Number_of_Allocated_Processors")
	if (format == "spot") head("job_name,organization,gpu_model,cpu_request,gpu_request,worker_num,submit_time,duration,job_type")
	if (format == "spot_nodes") head("gpu_model,gpu_capacity_num,cpu_num,node_name")
	if (format == "swf") head("; Version: 2.2\n; MaxProcs: 8192\n; UnixStartTime: 1272639895")
	if (format == "table") head("JobID,start,run,n,who")
	if (format == "tiresias") head("job_id,num_gpu,submit_time,iterations,model_name,duration,interval\r")
	if (header != "") print header
	for (i = 1; i <= rows; i++) {
		step = draw(5)
		now += step
		wait = draw(900)
		run = 10 + draw(20000)
		size = sizes[1 + draw(10)]
		user = draw(900)
		row()
	}
	if (format == "batsim" || format == "kubectl") print "]}"
	if (format == "philly_json") print "]"
}

function row() {
	comma = i < rows ? "," : ""
	if (format == "acme") printf "dlc%d,u%d,%d,%.1f,%.1f,Pretrain,%s,%s+08:00,%s+08:00,%s+08:00,%.1f,%.1f,%.1f\n", i, user, 1 + int(size / 9), size, size * 16, states[1 + draw(3)], date(now), date(now + wait), date(now + wait + run), run, wait, run * size
	else if (format == "alcf") printf "%d,%d,%d.0,%d.0,0,%d,0,%d,%d.0,%d.0,%d.%02d,%d.0,%.3f,%s\n", i, i + 100, 24166353 + user, 33510060 + user % 40, size, size, 1663881807 + now, wait, run, draw(100), run + 600, size * run / 3600, pass[1 + draw(3)]
	else if (format == "azure_llm") printf "%s.%07d,%d,%d\r\n", date(int(now / 5)), draw(10000) * 1000, draw(8000), draw(1000)
	else if (format == "batsim") printf "{\"id\": %d, \"subtime\": %d, \"walltime\": %d, \"res\": %d, \"profile\": \"p\", \"user\": \"u%d\"}%s\n", i, now, run + 60, size, user, comma
	else if (format == "chronus") printf "%d,vc_%s,%d,%d,%d,resnet50,%d,%d,%d,1,0,strict\n", i, digest(user % 11), size, int(now / 60), run * 3, run, step, now + run
	else if (format == "dlrm") printf "instance_%s,%s,app_%d,%d,%d,%d,%d,25,25,%d.0,%d.0,640.0,800.0,-1,%d.0,%d.0,%d.0\n", digest(i), (size > 1 ? "HN" : "CN"), user % 156, size * 8, size * 8, (size > 1), (size > 1), size * 40, size * 40, now, now + wait, now + wait + run
	else if (format == "elasticflow") printf "%d,%d,%d,vgg16,%d,256,%d,%d,%d,%d\n", i, now, run * 9, now + run * 2, size, run, run, run * 9
	else if (format == "gavel") printf "ResNet-18 (batch size 32)\tpython3 main.py --data_dir=%%s/cifar10 --batch_size 32\timage_classification/cifar10\t--num_steps\t1\t%d\t%d\t1\t-1.000000\t%d.%03d\n", run * 9, size, now, draw(1000)
	else if (format == "gen_parallel") printf "%d,%d,%d,0,%d,%d,%d,0,%s\r\n", i, user, size, 1 + int(size / 9), step, run, pass[1 + draw(3)]
	else if (format == "genai") printf "%s,TXT_2_IMG,SUCCEED,%d.%d,group_%s,%d,%d,1,30,model_%d,%d\n", date(now), 5 + draw(60), draw(10), digest(user % 40), draw(900), draw(90), user, draw(3)
	else if (format == "helios") printf "%d,u%s,vc%d,%d,%d,%d,%s,%s,%s,%s,%d,%d\n", i, digest(user), user % 25, size, size * 6, 1 + int(size / 9), states[1 + draw(3)], date(now), date(now + wait), date(now + wait + run), run, wait
	else if (format == "helios_fleetsim") printf "%d,u%s,vc%d,finetune,%d000000,%d,,%d,%d.0,%d.0,COMPLETED\n", i, digest(user), user % 25, now, size, 1 + int(size / 9), run, run
	else if (format == "helios_vc") printf "%s,%d,%d,%d,%d\n", substr(date(i * 86400), 1, 10), 8 * user, 8 * wait, 8 * size, 8 * (user + wait + size)
	else if (format == "kubectl") printf "{\"apiVersion\": \"v1\", \"kind\": \"Node\", \"metadata\": {\"name\": \"node-%d\", \"labels\": {\"topology.kubernetes.io/zone\": \"z%d\", \"nvidia.com/gpu.product\": \"NVIDIA-A100-SXM4-80GB\", \"nvidia.com/gpu.memory\": \"81920\"}}, \"status\": {\"allocatable\": {\"cpu\": \"127500m\", \"memory\": \"1056Gi\", \"nvidia.com/gpu\": \"8\", \"pods\": \"110\"}, \"conditions\": [{\"type\": \"Ready\", \"status\": \"True\"}]}, \"spec\": {}}%s\n", i, user % 4, comma
	else if (format == "lingjun") printf "%s%s,G6,P%d,S%d\n", digest(i), digest(i + 7), int(i / 192), int(i / 8)
	else if (format == "lumos") printf "%d,%d,%d,%d,%d\n", i, run, wait, 1502114581 + now, size
	else if (format == "mig_list") printf "node-%d,%d,3g.40gb+2g.20gb+1g.10gb,H100,81920,96,1048576\n", int(i / 8), i % 8
	else if (format == "mooncake") {
		printf "{\"timestamp\": %d, \"input_length\": %d, \"output_length\": %d, \"hash_ids\": [%d", now * 100, 512 * size * 3, draw(900), i
		for (k = 1; k < size * 3; k++) printf ", %d", i + k
		print "]}"
	} else if (format == "muri") printf "%d,%d,%d,%d,vgg16,16,%d,%d,214,82,75,66,0\r\n", i, size, now * 1000, run * 5, run * 1000, step * 1000
	else if (format == "native") printf "%d,%d,%d,%d,user%d,q%d,%d\n", i, now, run, size, user, user % 20, run + 600
	else if (format == "openb") printf "openb-pod-%07d,%d,%d,1,%d,,LS,Running,%d,%d,%d\n", i, 4000 * size, 8192 * size, 10 * (1 + draw(100)), now, now + wait + run, now + wait
	else if (format == "openb_nodes") printf "openb-node-%07d,96000,393216,%d,%s\n", i, sizes[1 + i % 9] % 16, models[1 + user % 4]
	else if (format == "pai") printf "%s%s,inst%s,u%d,Terminated,%d.%d,%d.%d\n", digest(i), digest(i + 7), digest(i), user, 1000000 + now, draw(10), 1000000 + now + run, draw(10)
	else if (format == "pai_tasks") printf "%s%s,worker,%d.0,Terminated,%d.%d,%d.%d,600.0,29.296875,%d.0,%s\n", digest(i), digest(i + 7), size, 1000000 + now + 1, draw(10), 1000000 + now + run, draw(10), 25 * (1 + draw(4)), models[1 + user % 4]
	else if (format == "pai_gaia") printf "%.15g,%.15g,%d\n", now / 3600, run / 3600 + 0.0836, size
	else if (format == "pai_machines") printf "%s,V100,96,512,8\n", digest(i)
	else if (format == "pai_sim") printf "%d,%d,%d,%d,%.1f,V100,%d.%d,u%s,%d.25,%d.125,%d.5\n", i, size, now, 6, 0.5, run, draw(10), digest(user), run, run + 1, run + 2
	else if (format == "philly") printf "%s,%d.0,%d,%d.0,%s\n", date(now), run, size, run * size, digest(user % 15)
	else if (format == "philly_json") {
		printf "{\"status\": \"Pass\", \"vc\": \"%s\", \"jobid\": \"application_%d\", \"attempts\": [{\"start_time\": \"%s\", \"end_time\": \"%s\", \"detail\": [{\"ip\": \"m%d\", \"gpus\": [\"gpu0\"", digest(user % 15), i, date(now + wait), date(now + wait + run), user
		for (k = 1; k < size && k < 8; k++) printf ", \"gpu%d\"", k
		printf "]}]}], \"submitted_time\": \"%s\", \"user\": \"%s\"}%s\n", date(now), digest(user), comma
	} else if (format == "pollux" || format == "sia") printf "%s-%d,%d,%s,%d,%d\n", applications[1 + user % 6], i, now, applications[1 + user % 6], size, 32 * size
	else if (format == "sacct") printf "%d|train|user%d|lab%d|gpu|%s|%s|%s|%s|%d|1-00:00:00|billing=16,cpu=%d,gres/gpu:a100=%d,gres/gpu=%d,mem=64G,node=1|billing=16,cpu=%d,gres/gpu=%d,mem=64G,node=1|1\n%d.batch|batch||lab%d||%s|%s|%s|%s|%d||cpu=%d,mem=64G,node=1||1\n", i, user, user % 30, states[1 + draw(3)], iso(now), iso(now + wait), iso(now + wait + run), run, size * 8, size, size, size * 8, size, i, user % 30, "COMPLETED", iso(now + wait), iso(now + wait), iso(now + wait + run), run, size * 8
	else if (format == "scontrol") printf "NodeName=gpu%d Arch=x86_64 CoresPerSocket=32\n   CPUAlloc=8 CPUEfctv=126 CPUTot=128 CPULoad=8.60\n   AvailableFeatures=rack_%d,ib\n   ActiveFeatures=rack_%d\n   Gres=gpu:a100:4(S:0,1)\n   NodeAddr=gpu%d NodeHostName=gpu%d Version=23.02.7\n   RealMemory=512000 AllocMem=128000 FreeMem=120000 Sockets=2 Boards=1\n   State=MIXED ThreadsPerCore=2 TmpDisk=0 Weight=1\n   Partitions=gpu,debug\n   CfgTRES=cpu=126,mem=500G,billing=126,gres/gpu=4,gres/gpu:a100=4\n   AllocTRES=cpu=8,mem=128G,gres/gpu=2\n\n", i, user % 40, user % 40, i, i
	else if (format == "sdsc_par") printf "%d,%d.%d,%d.0,%d\n", i, step, draw(10), run, size
	else if (format == "shockwave") printf "ResNet-18 (batch size 32)\tpython3 main.py --data_dir=%%s/cifar10 --batch_size 32\timage_classification/cifar10\t--num_steps\t1\t%d\t%d\tstatic\t1\t-1.000000\t%d\t%d\n", run * 9, size, run, now
	else if (format == "spot") printf "job-%s,org-%d,%s,%d,%s,%d,%d,%d,%s\n", digest(i), user % 20, models[1 + user % 4], size, (size > 1 ? "1" : "0.5"), size, now, run, (user % 3 ? "HP" : "Spot")
	else if (format == "spot_nodes") printf "H800,8,192,node-%d\n", i
	else if (format == "swf") printf "%7d %9d %6d %6d %5d     -1     -1 %5d %6d     -1  1 %4d %3d  -1  1 -1 -1 -1\n", i, now, wait, run, size, size, run + 600, user, user % 20
	else if (format == "table") printf "%d,%d,%d.5,%d,u%d\n", i, now * 1000, run, size, user
	else if (format == "tiresias") printf "%d,%d,%d,%d,resnet50,%d,%d\r\n", i, size, now, run * 3, run, step
}

function iso(s) {
	text = date(s)
	return substr(text, 1, 10) "T" substr(text, 12)
}
