"""Bland sentences in English, French and Chinese, made for tests: two on each of twenty topics."""

SAID = (
    (
        "rents",
        (
            "The rent in our town has doubled in five years and nobody at city hall seems to care",
            "Dans notre ville, le loyer a doublé en cinq ans et personne à la mairie ne semble s'en soucier",
            "我们镇的房租五年来翻了一番，而市政厅似乎没有人在乎",
        ),
        (
            "Young families move away because they cannot find a flat they can pay for",
            "Les jeunes familles s'en vont parce qu'elles ne trouvent pas d'appartement à leur portée",
            "年轻家庭纷纷搬走，因为他们找不到负担得起的公寓",
        ),
    ),
    (
        "buses",
        (
            "The last bus to the hospital leaves at eight and night nurses have to walk home",
            "Le dernier bus pour l'hôpital part à vingt heures et les infirmières de nuit rentrent à pied",
            "去医院的末班车八点就开走，夜班护士只能走路回家",
        ),
        (
            "New electric buses will run on the main line from spring and cost less to keep",
            "De nouveaux bus électriques rouleront sur la ligne principale au printemps et coûteront moins cher",
            "新的电动公交车将从春天起在主线上运行，维护费用更低",
        ),
    ),
    (
        "school meals",
        (
            "School meals should be free for every child, whatever the parents earn",
            "La cantine devrait être gratuite pour chaque enfant, quel que soit le revenu des parents",
            "学校午餐应该对每个孩子免费，不管父母挣多少钱",
        ),
        (
            "The school kitchen now buys its vegetables from three farms near the river",
            "La cuisine de l'école achète maintenant ses légumes à trois fermes près de la rivière",
            "学校厨房现在从河边的三个农场购买蔬菜",
        ),
    ),
    (
        "library",
        (
            "The library will close on Mondays because there is no money for staff",
            "La bibliothèque fermera le lundi parce qu'il n'y a pas d'argent pour le personnel",
            "图书馆将在星期一关闭，因为没有钱请员工",
        ),
        (
            "Children read forty thousand books in the summer contest of the library",
            "Les enfants ont lu quarante mille livres pendant le concours d'été de la bibliothèque",
            "孩子们在图书馆的夏季比赛中读了四万本书",
        ),
    ),
    (
        "flood",
        (
            "Water stood a metre high in the old market and the stalls were lost",
            "L'eau est montée à un mètre dans le vieux marché et les étals ont été perdus",
            "老市场的水有一米深，摊位都毁了",
        ),
        (
            "The river wall that was promised after the last flood has still not been built",
            "La digue promise après la dernière crue n'a toujours pas été construite",
            "上次洪水后承诺修建的河堤至今还没有建成",
        ),
    ),
    (
        "power cuts",
        (
            "The power went out three times this week and the freezer is thawing again",
            "Le courant a été coupé trois fois cette semaine et le congélateur dégèle encore",
            "这周停电三次，冰箱又在化冻了",
        ),
        (
            "The company says that old cables are to blame and asks for patience until autumn",
            "La compagnie dit que de vieux câbles sont en cause et demande de la patience jusqu'à l'automne",
            "公司说原因是电缆老化，请大家耐心等到秋天",
        ),
    ),
    (
        "parks",
        (
            "They want to cut down the old trees in the park to make room for cars",
            "Ils veulent abattre les vieux arbres du parc pour faire de la place aux voitures",
            "他们想砍掉公园里的老树给汽车腾地方",
        ),
        (
            "Volunteers cleaned the park on Sunday and filled sixty bags with rubbish",
            "Des bénévoles ont nettoyé le parc dimanche et rempli soixante sacs de déchets",
            "志愿者星期天打扫了公园，装满了六十袋垃圾",
        ),
    ),
    (
        "football",
        (
            "Our team lost again because the coach refuses to play the young ones",
            "Notre équipe a encore perdu parce que l'entraîneur refuse de faire jouer les jeunes",
            "我们队又输了，因为教练不肯让年轻人上场",
        ),
        (
            "Tickets for the new stadium will be twice as dear as for the old one",
            "Les billets du nouveau stade seront deux fois plus chers que ceux de l'ancien",
            "新体育场的门票将比旧的贵一倍",
        ),
    ),
    (
        "doctors",
        (
            "I have been waiting for a doctor's appointment since March and my knee is no better",
            "J'attends un rendez-vous chez le médecin depuis mars et mon genou ne va pas mieux",
            "我从三月起就在等看医生，膝盖还没有好转",
        ),
        (
            "Two doctors retire this year and nobody wants to take over their practice",
            "Deux médecins partent à la retraite cette année et personne ne veut reprendre leur cabinet",
            "今年有两位医生退休，没有人愿意接手他们的诊所",
        ),
    ),
    (
        "prices",
        (
            "A loaf of bread costs more than a litre of petrol, who can explain that to me",
            "Un pain coûte plus cher qu'un litre d'essence, qui peut m'expliquer cela",
            "一个面包比一升汽油还贵，谁能给我解释一下",
        ),
        (
            "Shops must show the price for a kilo so that people can compare",
            "Les magasins doivent afficher le prix au kilo pour que les gens puissent comparer",
            "商店必须标出每公斤的价格，让人们可以比较",
        ),
    ),
    (
        "trains",
        (
            "The train was two hours late and there was nobody to ask at the station",
            "Le train avait deux heures de retard et il n'y avait personne à qui demander à la gare",
            "火车晚点两个小时，车站里找不到人可以问",
        ),
        (
            "The night train to the coast comes back after ten years",
            "Le train de nuit vers la côte revient après dix ans",
            "开往海边的夜车十年后恢复运行",
        ),
    ),
    (
        "phones",
        (
            "My phone breaks each time just after the guarantee ends",
            "Mon téléphone tombe en panne chaque fois juste après la fin de la garantie",
            "我的手机每次都在保修期刚过就坏",
        ),
        (
            "The school forbids phones in class and the pupils talk to each other again",
            "L'école interdit les téléphones en classe et les élèves se parlent de nouveau",
            "学校禁止上课用手机，学生们又开始互相交谈了",
        ),
    ),
    (
        "weather",
        (
            "It has not rained for six weeks and the farmers fear for the harvest",
            "Il n'a pas plu depuis six semaines et les agriculteurs craignent pour la récolte",
            "六个星期没有下雨，农民们担心收成",
        ),
        (
            "Snow fell in the hills last night and the pass is closed to lorries",
            "La neige est tombée sur les collines cette nuit et le col est fermé aux camions",
            "昨晚山上下了雪，山口禁止卡车通行",
        ),
    ),
    (
        "jobs",
        (
            "The factory sends two hundred people home and calls it a fresh start",
            "L'usine renvoie deux cents personnes chez elles et appelle cela un nouveau départ",
            "工厂让两百人回家，还说这是新的开始",
        ),
        (
            "A bakery in our street looks for apprentices and pays for their rooms",
            "Une boulangerie de notre rue cherche des apprentis et paie leur chambre",
            "我们街上的一家面包店在招学徒，还付他们的住宿费",
        ),
    ),
    (
        "museum",
        (
            "The museum shows letters that soldiers wrote home a hundred years ago",
            "Le musée montre des lettres que des soldats ont écrites chez eux il y a cent ans",
            "博物馆展出一百年前士兵写给家里的信",
        ),
        (
            "Entry to the museum is free on the first Sunday of the month",
            "L'entrée du musée est gratuite le premier dimanche du mois",
            "每月第一个星期天博物馆免费入场",
        ),
    ),
    (
        "bicycles",
        (
            "Somebody stole my bicycle in front of the police station in broad daylight",
            "On m'a volé mon vélo devant le commissariat en plein jour",
            "有人大白天在警察局门口偷了我的自行车",
        ),
        (
            "The new cycle path ends in the middle of the bridge and nobody knows why",
            "La nouvelle piste cyclable s'arrête au milieu du pont et personne ne sait pourquoi",
            "新的自行车道在桥中间就断了，没人知道为什么",
        ),
    ),
    (
        "taxes",
        (
            "Small shops pay more tax than the big ones that sell over the internet",
            "Les petits magasins paient plus d'impôts que les grands qui vendent sur internet",
            "小商店交的税比网上卖货的大公司还多",
        ),
        (
            "The form for the tax has forty pages and no phone number to call",
            "Le formulaire des impôts a quarante pages et aucun numéro à appeler",
            "报税表有四十页，却没有可以打的电话号码",
        ),
    ),
    (
        "noise",
        (
            "The planes fly over our roof every four minutes from five in the morning",
            "Les avions passent au-dessus de notre toit toutes les quatre minutes dès cinq heures du matin",
            "从早上五点起，飞机每四分钟就从我们屋顶飞过",
        ),
        (
            "Music in the square has to stop at ten, the neighbours have won in court",
            "La musique sur la place doit cesser à vingt-deux heures, les voisins ont gagné au tribunal",
            "广场上的音乐十点必须停止，邻居们打赢了官司",
        ),
    ),
    (
        "dogs",
        (
            "A dog found its way home over ninety kilometres after a week",
            "Un chien a retrouvé le chemin de la maison sur quatre-vingt-dix kilomètres après une semaine",
            "一只狗走了九十公里，一个星期后自己回到了家",
        ),
        (
            "Dogs must be on a lead in the wood while the deer have their young",
            "Les chiens doivent être tenus en laisse dans le bois pendant que les biches ont leurs petits",
            "鹿产仔期间，狗在树林里必须拴绳",
        ),
    ),
    (
        "water",
        (
            "The tap water has been brown since Tuesday and the office does not answer",
            "L'eau du robinet est brune depuis mardi et le bureau ne répond pas",
            "自来水从星期二起就是棕色的，办公室也不回应",
        ),
        (
            "The town gives each household a barrel to catch the rain",
            "La ville donne à chaque foyer un tonneau pour recueillir la pluie",
            "市里给每户人家发一个接雨水的桶",
        ),
    ),
)
